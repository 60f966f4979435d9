"""The pages on which a person lets a program in, and the addresses that programs ask (RFC 6749, RFC 7009, RFC 8414)."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.views import TokenView
from oauth2_provider.views.mixins import OAuthLibMixin

from backend.accounts.actions import log_in
from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.applications.models import may_be_redirected_to
from backend.core.refusals import Refusal
from config.oauth.forms import LogInForm
from schema import cookies
from schema.limits import count_log_in
from schema.network import address_of
from schema.sessions import UnknownToken, session_of

#: Nothing but our own style sheet; in nobody's frame.
_POLICY = "default-src 'none'; style-src 'self'; form-action {}; base-uri 'none'; frame-ancestors 'none'"
_OURS = "'self'"
_GRANTS = ("authorization_code", "refresh_token")


class Page(View):
    """A page of ours: kept by nobody, without scripts, and in no frame."""

    #: Where its form may lead: a browser asks that of the redirects after it too (CSP 3, form-action).
    leads_to = _OURS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer, with what is said about it."""
        response = super().dispatch(request, *args, **kwargs)
        response["Content-Security-Policy"] = _POLICY.format(self.leads_to)
        response["Cache-Control"] = "no-store"
        return response


class Consent(OAuthLibMixin, Page):  # type: ignore[misc]
    """Asks the person whether a program may have what it asks for (RFC 6749, 4.1.1). What it asks is in the address, and
    is looked at again when they answer: nothing of the form but their answer counts.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """The question, once the person has logged in."""
        try:
            scopes, asked = self.validate_authorization_request(request)
        except OAuthToolkitError as error:
            return self._refused(request, error)
        person = _person(request)
        if person is None:
            return _redirect(
                f"{reverse('oauth2_provider:log-in')}?{urlencode({'next': request.get_full_path()})}"
            )
        self.leads_to = f"{_OURS} {_origin(asked['redirect_uri'])}"
        told = {
            "application": asked["request"].client,
            "place": _origin(asked["redirect_uri"]),
            "person": person,
            "scopes": [scope.label for scope in Scope if scope in scopes],
            "another": f"{reverse('oauth2_provider:log-in')}?{urlencode({'next': request.get_full_path()})}",
        }
        return render(request, "oauth/consent.html", told)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Their answer: a code for the program, or `access_denied`."""
        person = _person(request)
        if person is None:
            return self.get(request)
        request.user = person
        try:
            scopes, asked = self.validate_authorization_request(request)
            uri, *_ = self.create_authorization_response(
                request, " ".join(scopes), asked, allow=request.POST.get("answer") == "allow"
            )
        except OAuthToolkitError as error:
            return self._refused(request, error)
        return self._sent_back(request, uri)

    def _refused(self, request: HttpRequest, error: OAuthToolkitError) -> HttpResponse:
        # Only what was asked by a program that we know, and for an address of its own, is answered there.
        is_answered_there, told = super().error_response(error)
        if is_answered_there:
            return self._sent_back(request, told["url"])
        return _problem(request, told["error"].description or told["error"].error)

    def _sent_back(self, request: HttpRequest, uri: str) -> HttpResponse:
        if not may_be_redirected_to(uri):
            return _problem(request, "This program has no address that is safe to answer to.")
        self.leads_to = f"{_OURS} {_origin(uri)}"
        return _redirect(uri)


class LogIn(Page):
    """Lets a person in, in this browser, by the same action as `logIn` and within its limits; then back to the question."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        return render(request, "oauth/log_in.html", {"form": LogInForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """A session in a cookie, or the form with what was wrong."""
        form = LogInForm(request.POST)
        if form.is_valid():
            try:
                count_log_in(email=form.cleaned_data["email"], address=address_of(request.META))
                session, token = log_in(**form.cleaned_data, user_agent=request.headers.get("User-Agent", ""))
            except Refusal as refusal:
                form.add_error("one_time_code" if refusal.field else None, refusal.message)
            else:
                rotate_token(request)
                response = _redirect(_next(request))
                response["Set-Cookie"] = cookies.keeping(token, session.expires_at)
                return response
        return render(request, "oauth/log_in.html", {"form": form}, status=400)


class Token(TokenView):  # type: ignore[misc]
    """Tokens for a code or for a refresh token, and by nothing else that the toolkit knows."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """RFC 6749, 4.1.3 and 6."""
        if request.POST.get("grant_type") not in _GRANTS:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


def _person(request: HttpRequest) -> User | None:
    """Whoever has a session in this browser; the back office's, which is another, does not count."""
    token = cookies.token_in(request.META.get("HTTP_COOKIE", ""))
    try:
        asker = session_of(f"Bearer {token}" if token else "")
    except UnknownToken:
        return None
    if asker is None or asker.standing.scopes is not None:
        return None
    return User.objects.visible_to(None).filter(pk=asker.user_id).first()


def _origin(uri: str) -> str:
    """Of an address that was looked at: its scheme, host and port; of a scheme of an application's own, that."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("https", "http") else f"{parts.scheme}:"


def _next(request: HttpRequest) -> str:
    """Back to the question that was asked, on this site and nowhere else."""
    question = reverse("oauth2_provider:authorize")
    wish = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wish, allowed_hosts=None) and urlsplit(wish).path == question
    return wish if is_ours else question


def _redirect(uri: str) -> HttpResponse:
    # Django's own refuses the schemes of applications. 303: the answer is read by GET, whatever was sent.
    return HttpResponse(status=303, headers={"Location": uri})


def _problem(request: HttpRequest, text: str) -> HttpResponse:
    return render(request, "oauth/problem.html", {"problem": text}, status=400)
