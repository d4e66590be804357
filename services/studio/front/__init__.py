"""What Streamlit is given: the script, its settings, the marks; beside the pages it would run those by itself."""
