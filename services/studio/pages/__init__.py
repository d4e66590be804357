"""The pages, a module each: what is read is drawn; nothing is kept."""
