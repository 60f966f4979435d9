from django.contrib import admin
from django.urls import include, path

from config.downloads import data_export
from config.health import healthz, readyz
from config.security import security_txt

urlpatterns = [
    path("", include("config.oauth.urls")),
    path(".well-known/security.txt", security_txt),
    path("admin/", admin.site.urls),
    path("exports/<str:signed>", data_export),
    path("healthz", healthz),
    path("media/", include("config.media")),
    path("open-data/", include("config.open_data")),
    path("readyz", readyz),
]
