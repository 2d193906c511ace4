// What every page has: htmx, the CSRF header, the theme switch, navigation, toasts, drafts, unlocking.
import htmx from "htmx.org";

import { startActivity } from "./parts/activity";
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
