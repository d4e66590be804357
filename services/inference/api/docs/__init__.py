"""What the service says of itself: an OpenAPI document, and the page on which it is read and tried."""
