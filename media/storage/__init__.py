"""Where bytes are: a folder, or any S3 (MEDIA_BUCKET); see `port` for what each promises."""
