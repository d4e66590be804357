"""Cloud Storage on this machine: the JSON API over HTTP, bytes on disk, finalized events as Eventarc delivers them."""
