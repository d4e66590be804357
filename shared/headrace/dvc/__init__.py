"""Dataset versions as data that DVC tracks, and back: the same bytes, once in the bucket, which is DVC's remote."""

from headrace.dvc.pulling import pull
from headrace.dvc.pushing import push
from headrace.dvc.remote import Remote

__all__ = ["Remote", "pull", "push"]
