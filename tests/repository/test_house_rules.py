"""Rules of the house that no other tool enforces (docs/adr/0001, ARCHITECTURE.md)."""

import ast

import pytest
from tests.repository.sources import imports, modules

WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "save", "delete"}
TO_ROWS = {"objects", "_default_manager", "DoesNotExist"}
SIGNALS = {"django.dispatch", "django.db.models.signals", "django.core.signals"}


def app_of(module: str) -> str:
    """The app that a dotted name belongs to; empty when none."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["openkap", "apps"] and len(parts) > 2 else ""


def foreign_models(module: str, tree: ast.Module) -> set[str]:
    """What a module calls the models of other apps, or their modules, that it imports."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if ".models" in f"{node.module}.{alias.name}" and app_of(node.module or "") not in {"", app_of(module)}
    }


def foreign_rows(module: str, tree: ast.Module) -> set[int]:
    """Lines where a module reads, makes or changes rows of another app's models.

    To name such a model as the type of an argument is no such place.
    """
    foreign = foreign_models(module, tree)
    made = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    asked = (node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in TO_ROWS)
    used = {node.lineno: ast.unparse(node) for node in (*made, *asked)}
    return {
        line
        for line, name in used.items()
        if name in foreign or ("models" in foreign and name.startswith("models.") and name.count(".") == 1)
    }


def orm_writes(tree: ast.Module) -> list[str]:
    """Places in a module that change rows: `x.save()`, `X.objects.create()`, `X.objects.filter().update()`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            verb, target = node.func.attr, ast.unparse(node.func.value)
            if verb in WRITES or (verb == "update" and ".objects" in target):
                found.append(f"line {node.lineno}: {target}.{verb}()")
    return found


def overrides(tree: ast.Module) -> list[str]:
    """`save` and `delete` methods of classes in a module."""
    return [
        f"{node.name}.{item.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef) and item.name in {"save", "delete"}
    ]


def test_an_apps_rows_are_its_own() -> None:
    found = {module: places for module, tree in modules().items() if (places := foreign_rows(module, tree))}
    assert found == {}


def test_views_do_not_write() -> None:
    views = {module: tree for module, tree in modules().items() if ".views" in module}
    assert len(views) > 10
    assert {module: writes for module, tree in views.items() if (writes := orm_writes(tree))} == {}


def test_there_are_no_signals() -> None:
    assert [module for module, tree in modules().items() if imports(tree) & SIGNALS] == []


def test_models_do_not_save_themselves() -> None:
    models = {module: tree for module, tree in modules().items() if ".models" in module}
    assert {module: names for module, tree in models.items() if (names := overrides(tree))} == {}


@pytest.mark.parametrize(
    ("source", "writes"),
    [
        ("Patient.objects.create(name=name)", 1),
        ("patient.save()", 1),
        ("Patient.objects.filter(id=1).update(name=name)", 1),
        ("context.update(form=form)", 0),
        ("operations.register_patient(by=user, now=now)", 0),
    ],
)
def test_a_write_is_told_from_other_calls(source: str, writes: int) -> None:
    assert len(orm_writes(ast.parse(source))) == writes


PATIENT = "from openkap.apps.people.models import Patient\n"


@pytest.mark.parametrize(
    ("module", "source", "places"),
    [
        ("openkap.apps.chart.queries", PATIENT + "Patient.objects.all()", 1),
        ("openkap.apps.chart.operations", PATIENT + "Patient(name=name)", 1),
        ("openkap.web.views.today", "from openkap.apps.people import models\nmodels.Patient.objects.all()", 1),
        ("openkap.web.views.today", "from openkap.apps.people import models\nlen(x)", 0),
        ("openkap.apps.chart.queries", PATIENT + "def facts_for(patient: Patient) -> None: ...", 0),
        ("openkap.apps.people.queries", PATIENT + "Patient.objects.all()", 0),
    ],
)
def test_the_rows_of_another_app_are_told_from_its_types(module: str, source: str, places: int) -> None:
    assert len(foreign_rows(module, ast.parse(source))) == places
