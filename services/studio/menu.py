"""What there is to look at: each page's address, title and icon, and what draws it."""

from collections.abc import Callable

from services.studio.pages import colorize, data, drift, health, loop, models, predict
from services.studio.studio import Studio

Drawn = Callable[[Studio], None]

FIRST = "loop"
PAGES: dict[str, tuple[str, str, Drawn]] = {
    "loop": ("Loop", ":material/autorenew:", loop.page),
    "models": ("Models", ":material/model_training:", models.page),
    "predict": ("Predict", ":material/bolt:", predict.page),
    "colorize": ("Colorize", ":material/palette:", colorize.page),
    "drift": ("Drift", ":material/trending_up:", drift.page),
    "data": ("Data", ":material/database:", data.page),
    "health": ("Cost and health", ":material/monitoring:", health.page),
}
