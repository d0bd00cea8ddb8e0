"""The server of the explorer. Run it with `streamlit run app/main.py`.

This file only puts the door before the pages, which `explorer.py` names.
"""

from pathlib import Path

import streamlit as st
from door import Door
from starlette.middleware import Middleware

app = st.App(Path(__file__).with_name("explorer.py"), middleware=[Middleware(Door)])
