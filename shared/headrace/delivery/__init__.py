"""A project on Google Cloud in; this commit's images, functions and services, serving there, out."""
