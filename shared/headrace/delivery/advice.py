"""What a tool printed before it failed in; what to do about it out."""

import re

_ADVICE = {
    r"Cannot connect to the Docker daemon|docker daemon is not running": (
        "Start Docker; or deploy from Cloud Shell, where it runs"
    ),
    r"buildx(:| component is missing| is not a docker command)|unknown command: docker buildx": (
        "Install Docker's buildx plugin: https://docs.docker.com/go/buildx"
    ),
    r"not a git repository": "Name what is deployed with --revision",
    r"local-extract": (
        "The scanner needs a component of gcloud: `gcloud components install local-extract`, or "
        "`apt-get install google-cloud-cli-local-extract` where gcloud came with apt"
    ),
    r"[Rr]eauthentication|do not currently have an active account|invalid_grant|could not find default credentials": (
        "Log in: `gcloud auth login`"
    ),
    r"Error acquiring the state lock": (
        "Somebody else is deploying, or a delivery was killed: when nobody is, `gcloud storage rm` the Path above"
    ),
    r"[Bb]illing (account|must be enabled|is disabled)|BILLING_DISABLED": (
        "Link a billing account to the project: https://console.cloud.google.com/billing/linkedaccount"
    ),
    r"SERVICE_DISABLED|has not been used in project|it is disabled": (
        "An API is off, or was switched on within the last minutes: `headrace deploy --step bootstrap` switches on "
        "what is needed; then try again"
    ),
    r"Quota violated|do not have quota for using GPUs": (
        "Let the service have fewer instances, `serving.instance.most` in workload.yaml, or ask for more: "
        "https://console.cloud.google.com/iam-admin/quotas"
    ),
    r"[Qq]uota .*exceeded|QUOTA_EXCEEDED|quotaExceeded": (
        "Ask for more of it: https://console.cloud.google.com/iam-admin/quotas"
    ),
    r"allowedPolicyMemberDomains|do not belong to a permitted customer": (
        "The organization lets in nobody from outside its domains: set `open_registry_hook = false` in "
        "infra/environments (the reconciler finds each change on its schedule) and let no allUsers call, or have an "
        "administrator except the project from constraints/iam.allowedPolicyMemberDomains"
    ),
    r"resourceInUseByAnotherResource|already being used by|Producer services": (
        "Google releases a network up to two hours after what used it is gone: run it again then. Where a peering is "
        "what uses it, `gcloud compute networks peerings delete servicenetworking-googleapis-com --network=headrace "
        "--project=PROJECT` takes that away"
    ),
    r"PERMISSION_DENIED|does not have permission|\b403\b": (
        "The account lacks a right: an owner of the project can give it, and rights take minutes to spread"
    ),
}


def way_out(output: str) -> str:
    """The sentence for the first thing that is recognised; empty when nothing is."""
    return next((sentence for pattern, sentence in _ADVICE.items() if re.search(pattern, output)), "")
