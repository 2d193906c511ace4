// Patients' own pages: the quick way out, answers saved as they are given, and what is ready without a line.
import { startKeeping } from "./parts/keeping";
import { startKept } from "./parts/kept";
import { startLeaving } from "./parts/leaving";
import { startSteps } from "./parts/steps";
import { startWriting } from "./parts/writing";

startLeaving();
startKept();
startSteps(startKeeping());
startWriting();
