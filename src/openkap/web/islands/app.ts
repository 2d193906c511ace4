// What every page has: htmx, the CSRF header, the theme switch, navigation, toasts, drafts, unlocking, the cover.
import htmx from "htmx.org";

import { startActivity } from "./parts/activity";
import { startAlerts } from "./parts/alerts";
import { startCover } from "./parts/cover";
import { startDrafts } from "./parts/drafts";
import { startForms } from "./parts/forms";
import { startRequests } from "./parts/requests";
import { startShell } from "./parts/shell";
import { startUnlock } from "./parts/unlock";

startRequests(htmx);
startShell();
startForms();
startUnlock();
startDrafts();
startActivity();
startAlerts();
startCover();
