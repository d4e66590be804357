# Who else than a person with `headrace deploy` may deliver here. Run `headrace deploy --step bootstrap` after a change.

# GitHub's workflows of one repository; `gh api users/OWNER --jq .id` prints the number.
# github = { repository = "owner/name", owner_id = "1234567" }

# Cloud Build, on a push to main: connect the repository in the console first (Cloud Build, Repositories, 2nd gen).
# cloudbuild_repository = "projects/my-project/locations/europe-west1/connections/github/repositories/name"

# Lets the deployer set the budget of infra/environments. An administrator of the billing account applies this.
# billing_account = "000000-000000-000000"
