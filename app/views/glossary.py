"""Glossary: what the words of the other pages mean."""

import streamlit as st
import words.glossary

st.title(words.glossary.TITLE, anchor=False)
st.markdown(words.glossary.LEAD)
st.markdown("\n\n".join(f"**{word}**  \n{meaning}" for word, meaning in words.glossary.WORDS.items()))
