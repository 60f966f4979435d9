"""The HTTP door alone, for a WSGI server: a tenth of what Django's ASGI handler costs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
