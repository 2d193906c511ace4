"""Headers that are the same for every page, beyond Django's own (referrer, opener, HSTS) and the CSP."""

from django.http import HttpRequest, HttpResponse

from openkap.apps.access.middleware.base import Middleware

FIXED = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), "
        "midi=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
}


class HeadersMiddleware(Middleware):
    """Sets the fixed headers, and keeps pages of signed-in people out of every cache."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in FIXED.items():
            response.headers[name] = value
        if request.user.is_authenticated or "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
