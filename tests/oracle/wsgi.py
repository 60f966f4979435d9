"""The oracle as a server, to be measured: what a team gets that writes resolvers as strawberry and Django show it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.oracle.settings")
application = get_wsgi_application()
