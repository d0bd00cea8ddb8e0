"""What a wheel holds; everything else about the package stands in pyproject.toml.

The explorer is a program, not a library: Streamlit runs the file `main.py` and puts its folder first on the path, so
its modules know each other by names within that folder (`words`, `parts`, …), wherever it lies. Here that is `app/`;
in a wheel the same folder is `galaxy_explorer/`, a name that nothing else in an environment has.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["galaxy_core*"]), "galaxy_explorer"],
    package_dir={"galaxy_explorer": "app"},
    package_data={
        "galaxy_core": ["runs/shipped.csv"],
        "galaxy_explorer": ["**/*.py", "*.css", "*.js", "*.svg", ".streamlit/*.toml"],
    },
)
