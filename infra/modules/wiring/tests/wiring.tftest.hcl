# `terraform test` in infra/modules/wiring needs no provider and no cloud: a loop of three, small enough to see through.

variables {
  project  = "a-project"
  number   = "123456789"
  region   = "europe-west1"
  revision = "abc1234"

  topology = {
    buckets  = { data = "dropped", store = "kept" }
    streams  = { predictions = "answers", training-jobs = "notices" }
    secrets  = { HEADRACE_NOTIFY_URL = "an address", HEADRACE_API_KEYS = "who may ask" }
    delivery = { ack_seconds = 60, retry_seconds = [1, 60], attempts = 20, export_seconds = 60 }

    deployables = {
      ingest = {
        folder    = "functions/ingest"
        entry     = "cloud_event"
        bucket    = "data"
        publishes = ["DatasetReady"]
        uses      = { data = "read", store = "write" }
      }
      trainer = {
        folder      = "services/trainer"
        entry       = "cloud_event"
        listens     = ["DatasetReady", "RetrainRequested"]
        streams     = ["training-jobs"]
        ordered     = true
        ack_seconds = 600
        uses        = { batch = "submit", mlflow = "call" }
        secrets     = ["HEADRACE_NOTIFY_URL", "HEADRACE_API_KEYS"]
      }
      inference = {
        folder       = "services/inference"
        entry        = "process"
        path         = "/events"
        listens      = ["DatasetReady"]
        writes       = ["predictions"]
        per_workload = true
      }
      mlflow = {
        folder = "services/mlflow"
        entry  = "process"
        needs  = { memory_mib = 2048, instances = [0, 1] }
      }
      studio = {
        folder = "services/studio"
        entry  = "process"
        uses   = { mlflow = "call", inference = "call", batch = "read", tick = "run" }
      }
      tick = {
        folder   = "services/tick"
        entry    = "job"
        schedule = "17 * * * *"
      }
    }
  }

  workloads = {
    loan_default = {}
    cats_dogs    = { serving = { timeout_seconds = 2.5, instance = { cpus = 4, memory_mib = 16384, gpu = "nvidia-l4" } } }
  }

  given_secrets = ["HEADRACE_NOTIFY_URL"]
}

run "every_listener_gets_its_push" {
  command = plan

  assert {
    condition = toset(keys(output.subscriptions)) == toset([
      "trainer-dataset-ready", "trainer-retrain-requested", "trainer-training-jobs",
      "inference-loan-default-dataset-ready", "inference-cats-dogs-dataset-ready",
    ])
    error_message = "other subscriptions: ${join(", ", keys(output.subscriptions))}"
  }

  assert {
    condition     = output.subscriptions["trainer-dataset-ready"].ordered && output.subscriptions["trainer-dataset-ready"].ack_seconds == 600
    error_message = "what a deployable says of its deliveries is lost"
  }

  assert {
    condition     = output.subscriptions["inference-cats-dogs-dataset-ready"].filter == "attributes.workload = \"cats_dogs\""
    error_message = "an event of one workload wakes the services of the others"
  }
}

run "each_workload_has_its_own_machine" {
  command = plan

  assert {
    condition     = output.running["inference-cats-dogs"].needs.gpu == "nvidia-l4" && output.running["inference-loan-default"].needs.gpu == ""
    error_message = "the GPU of one workload is another's, or nobody's"
  }

  assert {
    condition = [for name in ["inference-cats-dogs", "inference-loan-default"] : basename(output.running[name].image)] == [
      "inference-gpu:abc1234", "inference:abc1234",
    ]
    error_message = "a GPU waits for libraries that cannot use it, or the other way round"
  }

  assert {
    condition     = output.running["inference-cats-dogs"].needs.seconds == 13
    error_message = "a service ends before its slowest answer"
  }

  assert {
    condition     = output.running["mlflow"].needs.memory == 2048 && output.running["mlflow"].needs.most == 1
    error_message = "what the topology says of a machine is lost"
  }
}

run "a_processor_between_requests_is_for_what_works_then" {
  command = plan

  variables {
    workloads = {
      loan_default = {}
      sentiment    = { serving = { instance = { least = 1 } } }
      cats_dogs    = { serving = { instance = { cpus = 4, memory_mib = 16384, gpu = "nvidia-l4" } } }
    }
  }

  assert {
    condition = toset([for name, each in output.running : name if each.always_on]) == toset([
      "mlflow", "inference-sentiment", "inference-cats-dogs",
    ])
    error_message = "paid for between requests: ${join(", ", [for name, each in output.running : name if each.always_on])}"
  }
}

run "a_secret_is_known_to_who_needs_it_once_it_has_a_value" {
  command = plan

  assert {
    condition     = jsonencode(output.running["trainer"].secrets) == jsonencode({ HEADRACE_NOTIFY_URL = "headrace-notify-url" })
    error_message = "a secret without a value would keep the service from starting"
  }

  assert {
    condition     = jsonencode(values(output.secret_ids)) == jsonencode(["headrace-api-keys", "headrace-notify-url"])
    error_message = "a secret can be given no value before it is mounted: there are ${join(", ", values(output.secret_ids))}"
  }

  assert {
    condition     = [for each in values(output.grants) : each.account if each.kind == "secret"] == ["trainer"]
    error_message = "a secret is readable by others"
  }
}

run "jobs_tick_as_the_scheduler" {
  command = plan

  variables {
    schedules = { tick = "0 0 * * *" }
  }

  assert {
    condition     = output.schedules["tick"].cron == "0 0 * * *" && output.schedules["tick"].job
    error_message = "an environment's schedule does not replace the topology's"
  }

  assert {
    condition     = contains(keys(output.grants), "scheduler roles/run.invoker job tick")
    error_message = "the scheduler may not start the job"
  }
}

run "what_is_called_read_and_run_is_granted_and_no_more" {
  command = plan

  assert {
    condition = toset([for key, each in output.grants : "${each.role} ${each.on}" if each.account == "studio"]) == toset([
      "roles/run.invoker mlflow", "roles/run.invoker inference-loan-default", "roles/run.invoker inference-cats-dogs",
      "roles/batch.jobsViewer a-project", "roles/run.jobsExecutorWithOverrides tick",
    ])
    error_message = "the studio may ${join(", ", [for key, each in output.grants : "${each.role} ${each.on}" if each.account == "studio"])}"
  }

  assert {
    condition     = !contains(keys(output.running["studio"].environment), "HEADRACE_TRAINER_IMAGE")
    error_message = "who only looks at jobs is told what to submit them with"
  }
}

run "people_reach_the_studio_through_cloud_run_and_look" {
  command = plan

  variables {
    studio_viewers   = ["domain:example.com"]
    studio_operators = ["user:ada@example.com"]
  }

  assert {
    condition = toset(keys(output.people)) == toset([
      "domain:example.com roles/run.invoker service studio", "user:ada@example.com roles/run.invoker service studio",
    ])
    error_message = "let in: ${join(", ", keys(output.people))}"
  }

  assert {
    condition     = output.running["studio"].environment["HEADRACE_UNSIGNED_VIEWERS"] == "yes" && !contains(keys(output.running["studio"].environment), "HEADRACE_IAP_AUDIENCE")
    error_message = "the studio would believe a token that nobody sends"
  }
}

run "people_sign_in_to_the_studio_where_iap_stands_in_front" {
  command = plan

  variables {
    studio_iap       = true
    studio_viewers   = ["domain:example.com"]
    studio_operators = ["user:ada@example.com", "domain:example.org"]
  }

  assert {
    condition = toset([for each in values(output.people) : "${each.member} ${each.role} ${each.kind}"]) == toset([
      for who in ["domain:example.com", "domain:example.org", "user:ada@example.com"] : "${who} roles/iap.httpsResourceAccessor iap"
    ])
    error_message = "let in: ${join(", ", keys(output.people))}"
  }

  assert {
    condition     = output.running["studio"].environment["HEADRACE_IAP_AUDIENCE"] == "/projects/123456789/locations/europe-west1/services/studio"
    error_message = "the audience is that of another service"
  }

  assert {
    condition     = output.running["studio"].environment["HEADRACE_OPERATORS"] == "example.org,ada@example.com" && !contains(keys(output.running["studio"].environment), "HEADRACE_UNSIGNED_VIEWERS")
    error_message = "deciding: ${output.running["studio"].environment["HEADRACE_OPERATORS"]}"
  }
}

run "nobody_is_let_in_unasked" {
  command = plan

  assert {
    condition     = length(output.people) == 0
    error_message = "somebody is let in: ${join(", ", keys(output.people))}"
  }
}

run "everybody_is_let_in_where_a_variable_says_so" {
  command = plan

  variables {
    callers = ["allUsers"]
  }

  assert {
    condition     = toset([for each in values(output.people) : each.on]) == toset(["inference-loan-default", "inference-cats-dogs"])
    error_message = "everybody reaches ${join(", ", [for each in values(output.people) : each.on])}"
  }
}
