from django.conf import settings


def language_of(locale: str) -> str:
    """The language that the house speaks to somebody of this locale (`es`, `pt-BR`); English where it knows none."""
    known = {code for code, _ in settings.LANGUAGES}
    return next((code for code in (locale, locale.partition("-")[0]) if code in known), "en")
