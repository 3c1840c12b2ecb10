"""Lists the routes of the console's API."""

from __future__ import annotations

from starlette.routing import BaseRoute

from lensmith.api.lensmith.activity import activity_routes
from lensmith.api.lensmith.analyses import analyses_routes
from lensmith.api.lensmith.capture import capture_routes
from lensmith.api.lensmith.datasets import datasets_routes
from lensmith.api.lensmith.examples import examples_routes
from lensmith.api.lensmith.images import images_routes
from lensmith.api.lensmith.imports import imports_routes
from lensmith.api.lensmith.labels import labels_routes
from lensmith.api.lensmith.objects import objects_routes
from lensmith.api.lensmith.pictures import pictures_routes
from lensmith.api.lensmith.reviews import reviews_routes
from lensmith.api.lensmith.session import session_routes
from lensmith.api.lensmith.setup import setup_routes
from lensmith.api.lensmith.suggestions import suggestions_routes
from lensmith.api.lensmith.tasks import tasks_routes
from lensmith.api.lensmith.thresholds import thresholds_routes
from lensmith.api.lensmith.variants import variants_routes
from lensmith.operations.call import Service


def lensmith_routes(service: Service) -> list[BaseRoute]:
    return [
        *session_routes(service),
        *datasets_routes(service),
        *images_routes(service),
        *labels_routes(service),
        *tasks_routes(service),
        *pictures_routes(service),
        *objects_routes(service),
        *setup_routes(service),
        *imports_routes(service),
        *examples_routes(service),
        *suggestions_routes(service),
        *capture_routes(service),
        *reviews_routes(service),
        *analyses_routes(service),
        *thresholds_routes(service),
        *variants_routes(service),
        *activity_routes(service),
    ]
