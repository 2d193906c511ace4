# Dosing records through mrgsolve: cases from stdin, amounts at the observation records to stdout.
suppressPackageStartupMessages({library(mrgsolve); library(jsonlite)})
asked <- fromJSON(file("stdin"), simplifyVector = FALSE)
flows <- function(name, places) {
  has <- function(place) place %in% places
  n <- as.integer(substr(name, 1, 1))
  line <- function(place, ...) paste0("dxdt_", place, " = ", paste0(c(...), collapse = ""), ";")
  peripheral <- seq_len(n)[-1]
  found <- if (has("depot")) line("depot", "-KA*depot") else c()
  found <- c(found, line("central",
    if (has("depot")) "KA*depot" else "0", "-CLI/V1I*central",
    sprintf(" - Q%s/V1I*central + Q%s/V%d*peripheral%d", ifelse(peripheral == 2, "2I", "3"), ifelse(peripheral == 2, "2I", "3"),
            peripheral, peripheral)))
  for (i in peripheral) {
    q <- if (i == 2) "Q2I" else "Q3"
    found <- c(found, line(paste0("peripheral", i), sprintf("%s/V1I*central - %s/V%d*peripheral%d", q, q, i, i)))
  }
  if (has("metabolite")) found <- c(found, line("metabolite", "FM*CLI/V1I*central - CLM/VM*metabolite"))
  found
}
build <- function(name, places) {
  own <- unlist(lapply(seq_along(places), function(i) c(
    sprintf("F_%s = F%d;", places[i], i), sprintf("ALAG_%s = ALAG%d;", places[i], i),
    sprintf("if (R%d > 0) R_%s = R%d;", i, places[i], i), sprintf("if (D%d > 0) D_%s = D%d;", i, places[i], i))))
  numbers <- seq_along(places)
  parameters <- c("CL=1, V1=1, Q2=1, V2=1, Q3=1, V3=1, KA=1, CLM=1, VM=1, FM=1, WT=70",
    sprintf("F%d=1, ALAG%d=0, R%d=0, D%d=0", numbers, numbers, numbers, numbers))
  mcode(gsub("\\+", "", name), paste(c(
    "$PARAM", paste(parameters, collapse = ", "), "$CMT", paste(places, collapse = " "), "$MAIN",
    "double CLI = CL*pow(WT/70, 0.75);", "double Q2I = Q2*pow(WT/70, 0.75);", "double V1I = V1*WT/70;", own,
    "$ODE", flows(name, places)), collapse = "\n"), quiet = TRUE)
}
models <- list()
for (name in names(asked$structures)) {
  m <- build(name, unlist(asked$structures[[name]]))
  models[[name]] <- update(m, rtol = asked$rtol, atol = asked$atol, maxsteps = 1e6, ss_n = 10000, ss_rtol = asked$rtol, ss_atol = asked$atol)
}
solved <- lapply(asked$cases, function(one) {
  rows <- read.csv(text = paste(unlist(one$lines), collapse = "\n"))
  names(rows) <- ifelse(names(rows) %in% c("TIME", "EVID", "AMT", "RATE", "CMT", "ADDL", "II", "SS"), tolower(names(rows)), names(rows))
  rows$ID <- 1
  model <- param(models[[one$structure]], one$parameters)
  tryCatch({
    out <- as.matrix(mrgsim(model, data = rows, nocb = one$backward, output = "df"))
    look <- which(rows$evid == 0 | rows$evid == 2)
    places <- unlist(asked$structures[[one$structure]])
    list(amounts = unname(sapply(look, function(i) out[i, places[rows$cmt[i]]])))
  }, error = function(e) list(refused = conditionMessage(e)))
})
cat(toJSON(list(version = as.character(packageVersion("mrgsolve")), solved = solved), digits = NA, auto_unbox = TRUE))
