"""The pages of the explorer, which `main.py` serves.

This file only names them. A page lets one choose, makes one call to `galaxy_core`, and shows the answer.
"""

from pathlib import Path

import streamlit as st
import words.explorer

st.set_page_config(
    page_title=words.explorer.TITLE,
    page_icon=str(Path(__file__).with_name("icon.svg")),
    layout="wide",
    menu_items={"About": words.explorer.ABOUT},
)

PAGES = [
    st.Page("views/results.py", title="Results", icon=":material/monitoring:", default=True),
    st.Page("views/train.py", title="Train", icon=":material/model_training:"),
    st.Page("views/gallery.py", title="Gallery", icon=":material/grid_view:"),
    st.Page("views/predict.py", title="Predict", icon=":material/help_center:"),
    st.Page("views/compare.py", title="Compare", icon=":material/compare:"),
    st.Page("views/evidence.py", title="Evidence", icon=":material/science:"),
    st.Page("views/data.py", title="Data", icon=":material/database:"),
    st.Page("views/glossary.py", title="Glossary", icon=":material/menu_book:"),
]

page = st.navigation(PAGES, position="top")
st.html(Path(__file__).with_name("pages.css"))
st.html('<nav class="skip-links" aria-label="Skip to"></nav>')  # filled by keyboard.js
with st.container(horizontal=True, gap="xxsmall", key="pages_in_sight"):  # a phone hides those of the top
    for each in PAGES:
        st.page_link(each, width="content")
page.run()
scripts = (Path(__file__).with_name(f"{name}.js") for name in ("charts", "zoom", "pictures", "keyboard"))
script = "\n".join(each.read_text(encoding="utf-8") for each in scripts)
st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
