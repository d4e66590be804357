"""Cloud Logging over REST on this machine: what the tasks of the local Batch and Cloud Run wrote.

`POST /v2/entries:list` with one of two filters in; entries, newest first, out. The two are a Batch job's by uid and a
Cloud Run job's by name, each from a time on; any other filter, order or field is refused by name. Where this differs:

- Entries are the ends of the log files that the two servers keep, read anew for each request; nothing is stored.
- A line that says no time, as a traceback's do not, has that of the line before it.
- Only as much is answered as was asked for: there is no next page.
"""
