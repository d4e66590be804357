# Who may do what, and on what: nothing else in infra/ grants a deployable anything.

locals {
  roles = {
    read   = "roles/storage.objectViewer"
    write  = "roles/storage.objectUser"
    call   = "roles/run.invoker"
    submit = "roles/batch.jobsEditor"
    watch  = "roles/batch.jobsViewer"
  }

  publishing = flatten([
    for name, each in var.topology.deployables : [
      for topic in concat([for event in try(each.publishes, []) : local.topic_of[event]], try(each.writes, [])) :
      { account = name, role = "roles/pubsub.publisher", kind = "topic", on = topic }
    ]
  ])

  storing = flatten([
    for name, each in var.topology.deployables : [
      for bucket, right in try(each.uses, {}) : { account = name, role = local.roles[right], kind = "bucket", on = bucket }
      if contains(keys(var.topology.buckets), bucket)
    ]
  ])

  # A service that each workload has one of is called on all of them.
  calling = flatten([
    for name, each in var.topology.deployables : [
      for service, called in local.running : { account = name, role = local.roles.call, kind = "service", on = service }
      if try(each.uses[called.deployable], "") == "call"
    ]
  ])

  # With overrides: the run says what is to be done, and in how many tasks.
  starting = flatten([
    for name, each in var.topology.deployables : [
      for job, right in try(each.uses, {}) :
      { account = name, role = "roles/run.jobsExecutorWithOverrides", kind = "job", on = local.hyphened[job] }
      if right == "run"
    ]
  ])

  # Who submits a job lets it run as the training account.
  submitting = flatten([
    for name, each in var.topology.deployables : [
      { account = name, role = local.roles.submit, kind = "project", on = var.project },
      { account = name, role = "roles/iam.serviceAccountUser", kind = "account", on = "training" },
    ] if try(each.uses.batch, "") == "submit"
  ])
  looking = flatten([
    for name, each in var.topology.deployables : [
      for used, grant in local.seen : merge(grant, { account = name }) if try(each.uses[used], "") == "read"
    ]
  ])
  seen = {
    batch        = { role = local.roles.watch, kind = "project", on = var.project }
    logs         = { role = "roles/logging.viewer", kind = "project", on = var.project }
    dead_letters = { role = "roles/pubsub.subscriber", kind = "subscription", on = "dead-letters" }
  }

  # What Batch does on a job's machine, it does as the job's account.
  training = [
    { account = "training", role = "roles/batch.agentReporter", kind = "project", on = var.project },
    { account = "training", role = "roles/logging.logWriter", kind = "project", on = var.project },
    { account = "training", role = "roles/artifactregistry.reader", kind = "repository", on = "headrace" },
    { account = "training", role = "roles/pubsub.publisher", kind = "topic", on = "training-jobs" },
  ]
  studying = var.studies_secret == "" ? [] : [
    { account = "training", role = "roles/secretmanager.secretAccessor", kind = "secret", on = var.studies_secret },
  ]

  knowing = distinct([
    for pair in flatten([for name, each in local.running : [for id in values(local.secrets[name]) : "${each.deployable} ${id}"]]) :
    { account = split(" ", pair)[0], role = "roles/secretmanager.secretAccessor", kind = "secret", on = split(" ", pair)[1] }
  ])

  pushing = [
    for listener in distinct([for each in values(local.subscriptions) : each.listener]) :
    { account = "pusher", role = local.roles.call, kind = "service", on = listener }
  ]
  ticking = [
    for name, each in local.schedules :
    { account = "scheduler", role = local.roles.call, kind = each.job ? "job" : "service", on = name }
  ]
  # Cloud Storage's events reach the one function that watches a bucket.
  triggering = flatten([
    for name, each in var.topology.deployables : [
      { account = "trigger", role = local.roles.call, kind = "service", on = local.hyphened[name] },
      { account = "trigger", role = "roles/eventarc.eventReceiver", kind = "project", on = var.project },
    ] if can(each.bucket)
  ])

  accounts = toset(concat(keys(var.topology.deployables), ["pusher", "scheduler", "trigger"]))
  grants = {
    for each in concat(
      local.publishing, local.storing, local.calling, local.starting, local.submitting, local.looking, local.training, local.studying,
      local.knowing, local.pushing, local.ticking, local.triggering,
    ) : "${each.account} ${each.role} ${each.kind} ${each.on}" => each
  }

  # `headrace drop` and others follow events through subscriptions of their own, for as long as they run.
  follower = "projects/${var.project}/roles/headraceFollower"

  # People: what the command line does with a bucket, a topic, MLflow, jobs and the services. It tells of their decisions
  # as the studio does.
  asked = concat(
    [for bucket in ["data", "store"] : { role = local.roles.write, kind = "bucket", on = bucket }],
    [for bucket in ["audit", "models"] : { role = local.roles.read, kind = "bucket", on = bucket }],
    [for event in try(var.topology.deployables.studio.publishes, []) : { role = "roles/pubsub.publisher", kind = "topic", on = local.topic_of[event] }],
    [for name, each in local.running : { role = local.roles.call, kind = "service", on = name } if name == "mlflow" || each.workload != ""],
    [for name, each in local.schedules : { role = local.roles.call, kind = "job", on = name } if each.job],
    [for role in [local.roles.watch, local.follower] : { role = role, kind = "project", on = var.project }],
  )
  invited = [
    for name, each in local.running : { role = local.roles.call, kind = "service", on = name } if each.workload != ""
  ]
  # Whom IAP lets in, or, where it does not stand in front, Cloud Run itself.
  looked_at = [
    for name, each in local.running : {
      role = var.studio_iap ? "roles/iap.httpsResourceAccessor" : local.roles.call
      kind = var.studio_iap ? "iap" : "service"
      on   = name
    } if each.deployable == "studio"
  ]
  people = {
    for each in concat(
      flatten([for who in var.operators : [for grant in local.asked : merge(grant, { member = who })]]),
      flatten([for who in var.callers : [for grant in local.invited : merge(grant, { member = who })]]),
      flatten([
        for who in setunion(var.studio_viewers, var.studio_operators) : [for grant in local.looked_at : merge(grant, { member = who })]
      ]),
      var.open_registry_hook ? [{ role = local.roles.call, kind = "service", on = "registry-hook", member = "allUsers" }] : [],
    ) : "${each.member} ${each.role} ${each.kind} ${each.on}" => each
  }
}
