from django import forms


class LogInForm(forms.Form):
    """Who wants in; it is the action that looks at it."""

    email = forms.CharField(
        label="E-mail address", max_length=400, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    one_time_code = forms.CharField(
        label="One-time code",
        help_text="Only if you have switched on a second factor: of your app, or a recovery code.",
        max_length=60,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"}
        ),
    )
