"""People at the door: signing in as they do, by the form."""

import time

from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Page

from openkap.apps.access.models import User


def give_authenticator(user: User) -> str:
    """Give the user an authenticator app; returns its secret."""
    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    return secret


def give_password(user: User, password: str) -> None:
    """Give a password to a user whom a factory made without one."""
    user.set_password(password)
    user.save(update_fields=["password"])


def await_steady_code() -> None:
    """Leave the page some seconds before the app shows the next code."""
    if (left := 30 - time.time() % 30) < 8:
        time.sleep(left)


def code_of(secret: str) -> str:
    """What the authenticator app shows now, and for some seconds to come."""
    await_steady_code()
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def sign_in_by_form(page: Page, address: str, user: User, password: str, secret: str | None = None) -> None:
    """Sign in with password and, when a `secret` is given, the code of the authenticator app."""
    page.goto(f"{address}/sign-in/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    if secret is not None:
        page.locator("input[name=code]").wait_for()  # only then look at the app
        page.locator("input[name=code]").fill(code_of(secret))
        page.locator("form:has(input[name=code]) button[type=submit]").first.click()
