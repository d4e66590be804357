"""Who may call: clients by their keys, Pub/Sub by the account that it pushes as."""
