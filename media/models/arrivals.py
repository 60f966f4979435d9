from django.db import models

from backend.imports.models import RemoteImage
from media.models.files import Media


class RemoteArrival(models.Model):
    """That a picture which was fetched is looked at, and stands where its reference says as soon as it is found good."""

    image = models.OneToOneField(RemoteImage, on_delete=models.CASCADE, related_name="arrival")
    media = models.OneToOneField(Media, on_delete=models.CASCADE, related_name="remote_arrival")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.image_id} as {self.media_id}"
