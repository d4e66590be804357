"""What the platform costs: the topology, the workloads, an environment and a list of prices in; dollars a month out."""
