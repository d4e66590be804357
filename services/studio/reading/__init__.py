"""The platform's ports in; what a page shows, typed and without a word of Streamlit, out."""
