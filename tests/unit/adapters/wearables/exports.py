"""Small files as telephones export them; everything in them is made up."""

import io
import json
import zipfile

APPLE_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
]>
<HealthData locale="en_US">
 <ExportDate value="2026-03-10 09:00:00 +0100"/>
"""


def steps(count: int | str, began: str, device: str = "iPhone", unit: str = "count") -> str:
    """One walk in an Apple export."""
    return (
        f'<Record type="HKQuantityTypeIdentifierStepCount" sourceName="{device}" unit="{unit}" '
        f'startDate="{began}" endDate="{began}" value="{count}"/>'
    )


def sleep(stage: str, began: str, ended: str, device: str = "Watch") -> str:
    """One stretch of a night in an Apple export."""
    return (
        f'<Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="{device}" '
        f'startDate="{began}" endDate="{ended}" value="HKCategoryValueSleepAnalysis{stage}">'
        '<MetadataEntry key="HKTimeZone" value="Europe/Madrid"/></Record>'
    )


HEART = (
    '<Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Watch" unit="count/min" '
    'startDate="2026-03-09 08:00:00 +0100" endDate="2026-03-09 08:00:00 +0100" value="71"/>'
)


def apple_xml(*records: str) -> bytes:
    return (APPLE_HEAD + "\n".join(records) + "</HealthData>").encode()


def zipped(parts: dict[str, bytes | str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


FITBIT_STEPS = json.dumps(
    [
        {"dateTime": "03/09/26 23:59:00", "value": "13"},
        {"dateTime": "03/09/26 08:00:00", "value": "40"},
        {"dateTime": "03/10/26 00:00:00", "value": "7"},
    ]
)
FITBIT_SLEEP = json.dumps(
    [
        {"logId": 1, "dateOfSleep": "2026-03-09", "minutesAsleep": 389, "levels": {"data": []}},
        {"logId": 2, "dateOfSleep": "2026-03-09", "minutesAsleep": 21},
    ]
)
GOOGLE_STEPS = """timestamp,steps,data source
2026-03-08T23:30:00Z,51,Phone Health Kit
2026-03-09T06:15:00Z,84,Fitbit Air
"""
USER_SLEEPS = (
    "sleep_id,sleep_type,minutes_in_sleep_period,minutes_asleep,sleep_start,sleep_end,data_source\n"
    "9,STAGES,450,401,2026-03-08T22:00:00Z,2026-03-09T05:30:00Z,DERIVED\n"
)
GOOGLE_FIT = (
    "Date,Move Minutes count,Step count,Average heart rate (bpm),Low latitude (deg),Sleep duration (ms)\n"
    "2026-03-08,31,4012,66,40.4,25200000\n2026-03-09,12,,,,\n"
)
TAKEOUT = {
    "Takeout/archive_browser.html": "<html></html>",
    "Takeout/Fitbit/Global Export Data/steps-2026-03-09.json": FITBIT_STEPS,
    "Takeout/Fitbit/Global Export Data/sleep-2026-03-01.json": FITBIT_SLEEP,
    "Takeout/Fitbit/Global Export Data/heart_rate-2026-03-09.json": "[]",
    "Takeout/Fitbit/Physical Activity_GoogleData/steps_2026-03-01.csv": GOOGLE_STEPS,
    "Takeout/Fitbit/Health Fitness Data_GoogleData/UserSleeps_2026-03-01.csv": USER_SLEEPS,
}
