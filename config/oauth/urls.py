from django.urls import path
from oauth2_provider.views import OAuthServerMetadataView, RevokeTokenView

from config.oauth.views import Consent, LogIn, Token

# The toolkit finds its addresses by this name. Of those that it has, only what the house needs is there.
app_name = "oauth2_provider"
urlpatterns = [
    path("oauth/authorize", Consent.as_view(), name="authorize"),
    path("oauth/log-in", LogIn.as_view(), name="log-in"),
    path("oauth/token", Token.as_view(), name="token"),
    path("oauth/revoke", RevokeTokenView.as_view(), name="revoke-token"),
    path(
        ".well-known/oauth-authorization-server",
        OAuthServerMetadataView.as_view(),
        name="oauth-server-metadata",
    ),
]
