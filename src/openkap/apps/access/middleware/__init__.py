"""What every request passes, outermost first: headers, errors in words, the sign-in, the policy."""

from openkap.apps.access.middleware.errors import JsonErrorsMiddleware
from openkap.apps.access.middleware.headers import HeadersMiddleware
from openkap.apps.access.middleware.policy import PolicyMiddleware
from openkap.apps.access.middleware.sign_in import SignInMiddleware

__all__ = ["HeadersMiddleware", "JsonErrorsMiddleware", "PolicyMiddleware", "SignInMiddleware"]
