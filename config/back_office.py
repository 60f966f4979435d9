"""How staff come into the back office: as they come in everywhere else."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from backend.accounts.factors import demand_second_factor
from backend.accounts.models import User
from backend.core.refusals import Refusal
from schema.limits import count_log_in
from schema.network import address_of


class LogIn(AdminAuthenticationForm):
    """Django's form, and the second factor; what is tried here counts with what is tried by `logIn`."""

    one_time_code = forms.CharField(
        label="Code of your authenticator app, or a recovery code",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def clean(self) -> dict[str, Any]:
        """Address, password and code of staff."""
        try:
            if self.request is not None:
                email = str(self.cleaned_data.get("username", ""))
                count_log_in(email=email, address=address_of(self.request.META))
            cleaned = super().clean()
            if isinstance(user := self.get_user(), User):
                demand_second_factor(user=user, code=cleaned.get("one_time_code", ""))
        except Refusal as refusal:
            raise ValidationError(refusal.message) from None
        return cleaned
