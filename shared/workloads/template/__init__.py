"""What `headrace new` copies: one complete, small workload for each kind of data. They are not workloads themselves."""
