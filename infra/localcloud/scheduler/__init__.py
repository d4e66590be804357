"""Cloud Scheduler on this machine: HTTP targets called on a cron schedule.

Jobs over REST (cloudscheduler v1) in; one HTTP request per tick, with retries, out. What differs from the service:

- A schedule may have six fields, the first of them seconds: `*/10 * * * * *` is every ten seconds.
- A token (`oidcToken`, `oauthToken`) is stored, and no `Authorization` is sent: nobody on this machine could check it.
- A tick that was due while the server was down is made up for at its start, once, if the next one is not due yet;
  otherwise it is skipped. A tick whose attempt a crash interrupted is such a tick, so an attempt can happen twice.
- A job has one attempt in flight: a tick that comes meanwhile is skipped, a forced run waits.
"""
