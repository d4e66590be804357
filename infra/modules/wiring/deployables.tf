# Each deployable of the topology as one Cloud Run service, function or job, with its address and what it is started with.

locals {
  hyphened = { for name, _ in var.topology.deployables : name => replace(name, "_", "-") }
  images   = "${var.region}-docker.pkg.dev/${var.project}/headrace"

  needs = {
    for name, each in var.topology.deployables : name => {
      cpus    = try(each.needs.cpus, 1)
      memory  = try(each.needs.memory_mib, 512)
      seconds = try(each.needs.seconds, 600)
      least   = try(each.needs.instances[0], 0)
      most    = try(each.needs.instances[1], 5)
      retries = try(each.needs.retries, 1)
      at_once = each.entry == "process" ? 80 : 8
      gpu     = ""
    }
  }

  # The same machine as headrace.options.serving.Instance describes, with its defaults.
  instances = {
    for workload, each in var.workloads : workload => {
      cpus    = try(each.serving.instance.cpus, 1)
      memory  = try(each.serving.instance.memory_mib, 512)
      seconds = ceil(try(each.serving.timeout_seconds, 30)) + 10
      least   = try(each.serving.instance.least, 0)
      most    = try(each.serving.instance.most, 4)
      at_once = try(each.serving.instance.at_once, 80)
      gpu     = try(each.serving.instance.gpu, "") == null ? "" : try(each.serving.instance.gpu, "")
    }
  }

  single = {
    for name, each in var.topology.deployables : local.hyphened[name] => {
      deployable = name
      workload   = ""
      needs      = local.needs[name]
    } if !try(each.per_workload, false)
  }
  several = merge([
    for name, each in var.topology.deployables : {
      for workload, _ in var.workloads : "${local.hyphened[name]}-${replace(workload, "_", "-")}" => {
        deployable = name
        workload   = workload
        needs      = local.instances[workload]
      }
    } if try(each.per_workload, false)
  ]...)

  # By the name that Cloud Run knows it under.
  running = {
    for name, each in merge(local.single, local.several) : name => merge(each, {
      kind  = local.kinds[each.deployable]
      entry = var.topology.deployables[each.deployable].entry
      image = "${local.images}/${local.hyphened[each.deployable]}${each.needs.gpu == "" ? "" : "-gpu"}:${var.revision}"
      url   = "https://${name}-${var.number}.${var.region}.run.app"
      path  = try(var.topology.deployables[each.deployable].path, "/")
      # Whether it has its processor, and is paid for, between requests. MLflow sends its webhooks after it answered;
      # which inference services do, headrace.options.serving.Instance says.
      always_on = name == "mlflow" || (each.workload != "" && (each.needs.least > 0 || each.needs.gpu != ""))
    })
  }
  kinds = {
    for name, each in var.topology.deployables : name => (
      startswith(each.folder, "functions/") ? "function" : each.entry != "job" ? "service" : can(each.schedule) ? "job" : "batch"
    )
  }

  mlflow_url   = local.running["mlflow"].url
  push_account = "headrace-pusher@${var.project}.iam.gserviceaccount.com"

  # What a training job is submitted with.
  submitted = merge(
    { HEADRACE_TRAINER_IMAGE = "${local.images}/training:${var.revision}" },
    var.studies_secret == "" ? {} : { HEADRACE_STUDIES_URL = "projects/${var.project}/secrets/${var.studies_secret}/versions/latest" },
  )

  # Each workload is asked at an address of its own. The token that IAP adds names whom it is for.
  studio = merge(
    {
      HEADRACE_INFERENCE_URL = "https://inference-{workload}-${var.number}.${var.region}.run.app"
      HEADRACE_OPERATORS     = join(",", [for who in var.studio_operators : split(":", who)[1]])
    },
    var.studio_iap
    ? { HEADRACE_IAP_AUDIENCE = "/projects/${var.number}/locations/${var.region}/services/studio" }
    : { HEADRACE_UNSIGNED_VIEWERS = "yes" }, # Cloud Run lets in whom it knows, and tells nobody who it is
  )

  # Only what headrace.settings reads.
  environment = {
    for name, each in local.running : name => merge(
      {
        HEADRACE_PROJECT    = var.project
        HEADRACE_REGION     = var.region
        HEADRACE_COMPONENT  = each.deployable
        HEADRACE_REVISION   = var.revision
        HEADRACE_MLFLOW_URL = local.mlflow_url
      },
      try(var.topology.deployables[each.deployable].uses.batch, "") == "submit" ? local.submitted : {},
      each.workload == "" ? {} : {
        HEADRACE_PUSH_ACCOUNT  = local.push_account
        HEADRACE_INFERENCE_URL = each.url
      },
      each.deployable == "studio" ? local.studio : {},
    )
  }

  # Every one is there from the start, to be given a value; a container would not start with one that has none.
  secret_ids = { for name, _ in var.topology.secrets : name => lower(replace(name, "_", "-")) }
  secrets = {
    for name, each in local.running : name => {
      for secret in try(var.topology.deployables[each.deployable].secrets, []) : secret => local.secret_ids[secret]
      if contains(setunion(var.made_secrets, var.given_secrets), secret)
    }
  }

  schedules = {
    for name, each in var.topology.deployables : local.hyphened[name] => {
      cron = try(var.schedules[name], each.schedule)
      job  = each.entry == "job"
    } if can(each.schedule)
  }
}
