"""Uploads in; dataset versions that never change, and their files where they are needed, out."""
