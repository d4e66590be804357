# What people are told of, and what to do then. Every condition looks at all services at once, because each is paid for,
# and is written in PromQL, which may name a metric before anything was counted: else the first apply would fail.

locals {
  counted  = "logging_googleapis_com:user_headrace"
  pubsub   = "pubsub_googleapis_com:subscription"
  requests = "run_googleapis_com:request_count"
  revision = "monitored_resource='cloud_run_revision'"

  alerts = {
    dead_letters = {
      title    = "Messages that nobody could handle"
      severity = "ERROR"
      query    = "max by (subscription_id) (${local.pubsub}_num_undelivered_messages{subscription_id='dead-letters'}) > 0"
      advice   = "Each was tried ${module.wiring.delivery.attempts} times; `gcloud pubsub subscriptions pull dead-letters` shows it, and the log of the service that it was for says why it failed. Mend that, publish the message again on its topic, and acknowledge it here."
    }
    dead_lettering = {
      title    = "A subscription gives messages up"
      severity = "ERROR"
      query    = "sum by (subscription_id) (increase(${local.pubsub}_dead_letter_message_count[15m])) > 0"
      advice   = "The subscription is named after the service that cannot handle what it gets: look in that service's log for errors. What it gave up waits in dead-letters."
    }
    unacknowledged = {
      title    = "Messages wait for more than a quarter of an hour"
      severity = "WARNING"
      query    = "max by (subscription_id) (${local.pubsub}_oldest_unacked_message_age{subscription_id!~'dead-letters|audit-.*'}) > 900"
      advice   = "The service that the subscription is named after refuses what it is sent, or is not reached: its log says which. Nothing is lost yet; after ${module.wiring.delivery.attempts} attempts the messages become dead letters."
    }
    webhooks = {
      title    = "Webhooks of MLflow's get lost"
      severity = "WARNING"
      query = join(" or ", [
        "sum by (service_name) (increase(${local.counted}_webhooks_refused{${local.revision}}[15m])) > 0",
        "sum by (service_name) (increase(${local.counted}_webhooks_undelivered{${local.revision}}[15m])) > 0",
        "sum by (service_name) (increase(${local.requests}{${local.revision},service_name='registry-hook',response_code_class='5xx'}[15m])) > 3",
      ])
      advice = "A 401 means that MLflow and the registry hook were started with different versions of the webhook secret: deploy both again; anything else is in the log of registry-hook or mlflow. Until then the reconciler finds each change on its schedule."
    }
    rejections = {
      title    = "Messages that can never succeed"
      severity = "WARNING"
      query    = "sum by (component) (increase(${local.counted}_rejections{${local.revision}}[15m])) > 0"
      advice   = "`headrace status` lists each with its reason. They were acknowledged and do not come again: mend what sends them."
    }
    trainings_failed = {
      title    = "Trainings fail"
      severity = "WARNING"
      query    = "sum by (workload) (increase(${local.counted}_facts{${local.revision},fact='headrace.training.v1.failed'}[15m])) > 0"
      advice   = "The message to people and the job's log in Batch name the reason. When it is mended, `headrace retrain WORKLOAD --dataset VERSION` trains again."
    }
    jobs_failed = {
      title    = "A scheduled job fails"
      severity = "WARNING"
      query    = "sum by (job_name) (increase(run_googleapis_com:job_completed_execution_count{monitored_resource='cloud_run_job',result='failed'}[1h])) > 0"
      advice   = "The log of the job's execution says why; the drift check goes on with the other workloads, and the next run makes up for this one. `gcloud run jobs execute JOB` runs it at once. A batch goes on where it stopped when its input is dropped again in another hour: `headrace score`."
    }
    jobs_overdue = {
      title    = "A training takes longer than it may"
      severity = "WARNING"
      query    = "sum by (workload, training) (increase(${local.counted}_jobs_overdue{${local.revision}}[15m])) > 0"
      advice   = "It waits for a machine that the region has not got, or was taken off its machines again and again: `gcloud batch jobs describe JOB` says which. Delete the job, and ask for another GPU, another region or machines that stay (`spot: false`) in workload.yaml."
    }
    drift = {
      title    = "Predictions drift, or what is asked may be broken"
      severity = "WARNING"
      query    = "sum by (workload) (increase(${local.counted}_facts{monitored_resource='cloud_run_job',fact=~'headrace.drift.v1.detected|headrace.drift.v1.refused|headrace.data.v1.suspected'}[1h])) > 0"
      advice   = "The message to people says which. Drift has begun a retraining on the newest labelled data by itself, or the week's budget refuses one, which the command in the message begins all the same; the report, whose address is in the message, shows what changed, and `headrace rollback WORKLOAD` takes back what comes of an error in what callers send. On data that may be broken nothing is trained: mend what sends it, and `headrace check` looks again."
    }
    unserved = {
      title    = "A model cannot be served"
      severity = "ERROR"
      query    = "sum by (workload) (increase(${local.counted}_facts{${local.revision},fact='headrace.model.v1.unserved'}[15m])) > 0"
      advice   = "The version that answered before goes on answering. The inference service's log says why the new one does not load; `headrace rollback WORKLOAD` takes the alias back."
    }
    errors = {
      title    = "An inference service spends its error budget"
      severity = "CRITICAL"
      query    = join(" or ", local.failing)
      advice   = "Too many requests end in an error, for an hour and still: the service's log says which, and `headrace status` whether a new champion came shortly before. If it did, `headrace rollback WORKLOAD`."
    }
    latency = {
      title    = "An inference service is slow"
      severity = "WARNING"
      query    = join(" or ", local.slow)
      advice   = "Too many requests take longer than ${local.objectives.milliseconds} ms, for an hour and still: if they are first requests after a pause, raise `serving.instance.least` in workload.yaml, else give an instance more cores or let there be more. A new champion may be slower than the one before: `headrace rollback WORKLOAD`."
    }
  }
}

resource "google_monitoring_alert_policy" "each" {
  for_each = local.alerts

  display_name          = "Headrace: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query                     = each.value.query
      duration                  = "0s"
      evaluation_interval       = "60s"
      disable_metric_validation = true
    }
  }

  documentation {
    content   = each.value.advice
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "3600s"
  }

  depends_on = [google_logging_metric.each]
}
