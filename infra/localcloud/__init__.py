"""The laptop's Google Cloud: small servers that speak the real wire protocols, on loopback only."""
