import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

#: What the house is called; everybody's first guess.
HOUSE = ("acequia", "goteo")
#: Letters that must be left of a password when all known names are taken out of it.
OWN_LETTERS = 4


class MadeOfNamesValidator:
    """A password needs some letters of its own besides the names of the house and of its person (NIST SP 800-63B
    §5.1.1.2: context-specific words), whatever digits and signs stand around them.
    """

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raises `ValidationError`."""
        rest, names = password.casefold(), self._names(user)
        for name in sorted(names, key=len, reverse=True):
            rest = rest.replace(name, " ")
        if rest != password.casefold() and sum(letter.isalpha() for letter in rest) < OWN_LETTERS:
            raise ValidationError(
                "This password is made of names that anybody can guess.", code="made_of_names"
            )

    def get_help_text(self) -> str:
        """One sentence for forms."""
        return "Your password can’t be made of the names of this site and your own."

    def _names(self, user: AbstractBaseUser | None) -> set[str]:
        facts = [getattr(user, name, "") or "" for name in ("email", "handle", "display_name")]
        words = re.split(r"[\W_]+", " ".join([*facts, urlsplit(settings.SITE_URL).hostname or ""]).casefold())
        # Shorter ones are in many words, and no guess.
        return {word for word in (*HOUSE, *words) if len(word) > 2}
