# Topics and the subscriptions that bring each to whoever listens.

locals {
  events = toset(flatten([
    for each in values(var.topology.deployables) : concat(try(each.listens, []), try(each.publishes, []))
  ]))
  topic_of = { for event in local.events : event => lower(replace(event, "/([a-z])([A-Z])/", "$1-$2")) }
  topics   = setunion(values(local.topic_of), keys(var.topology.streams))

  subscriptions = merge([
    for name, each in local.running : {
      for topic in concat(
        [for event in try(var.topology.deployables[each.deployable].listens, []) : local.topic_of[event]],
        try(var.topology.deployables[each.deployable].streams, []),
        ) : "${name}-${topic}" => {
        topic       = topic
        listener    = name
        endpoint    = "${each.url}${each.path == "/" ? "" : each.path}"
        ack_seconds = try(var.topology.deployables[each.deployable].ack_seconds, var.topology.delivery.ack_seconds)
        ordered     = try(var.topology.deployables[each.deployable].ordered, false)
        # A promotion concerns one service of many, and must not wake the others.
        filter = each.workload == "" ? "" : "attributes.workload = \"${each.workload}\""
      }
    }
  ]...)

  # Every topic flows into the audit bucket: the prefixes are headrace.topology.export_prefix.
  exports = {
    for topic in local.topics : topic => contains(keys(var.topology.streams), topic) ? "${topic}/" : "events/${topic}/"
  }
}
