"""The local Pub/Sub server: gRPC, and REST for publishing, on one port in; pushes, pulls and Cloud Storage objects out.

Nothing answered is ever lost.

What it does otherwise than the service:

- Cloud Storage subscriptions may flush after 1 s already (`max_duration`; the service asks for 60 s), and no object is
  larger than 16 MiB whatever `max_bytes` says.
- Push endpoints may be http://, and the token of a push with `oidc_token` is not signed.
- At most 100 pushes of a subscription are under way; there is no slow start.
- One message of an ordering key is out at a time, also to pulling clients.
- Subscriptions never expire.

Whatever else would change the outcome of a request is answered UNIMPLEMENTED with the name of the field or method, as
are, over REST, all methods but Publish.
"""
