# One page: the charts of dashboard.yaml two abreast, and below them the errors in the log.

locals {
  charts = yamldecode(file("${path.module}/dashboard.yaml"))

  tiles = concat(
    [for index, chart in local.charts : {
      xPos   = 24 * (index % 2)
      yPos   = 16 * floor(index / 2)
      width  = 24
      height = 16
      widget = {
        title = chart.title
        xyChart = {
          dataSets = [{ plotType = "LINE", targetAxis = "Y1", timeSeriesQuery = { prometheusQuery = chart.query } }]
          yAxis    = { label = chart.unit, scale = "LINEAR" }
        }
      }
    }],
    [{
      xPos   = 0
      yPos   = 16 * ceil(length(local.charts) / 2)
      width  = 48
      height = 20
      widget = {
        title     = "Errors"
        logsPanel = { filter = "severity>=ERROR", resourceNames = ["projects/${local.number}"] }
      }
    }],
  )
}

resource "google_monitoring_dashboard" "headrace" {
  dashboard_json = jsonencode({
    displayName  = "Headrace"
    mosaicLayout = { columns = 48, tiles = local.tiles }
  })
}
