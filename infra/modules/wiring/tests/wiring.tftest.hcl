# The module on the topology as it is: `terraform test` in infra/modules/wiring needs no provider and no cloud.

variables {
  project   = "a-project"
  number    = "123456789"
  region    = "europe-west1"
  revision  = "abc1234"
  topology  = null
  workloads = null
}
