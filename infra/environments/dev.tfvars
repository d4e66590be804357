# One person, at almost nothing a month: nothing stays awake, and the reconciler looks only now and then, for whatever
# asks MLflow keeps it up for a quarter of an hour. Webhooks tell of changes at once.
mlflow_backend     = "sqlite"
open_registry_hook = true
keep               = false

schedules = {
  reconcile = "41 */6 * * *"
  drift     = "17 5 * * *"
}
