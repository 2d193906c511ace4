// Patients' own pages: the quick way out, and answers saved as they are typed.
import { startLeaving } from "./parts/leaving";
import { startKeeping } from "./parts/keeping";

startLeaving();
startKeeping();
