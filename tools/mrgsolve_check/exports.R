# Exported models and records as a user would take them to mrgsolve: each file is read, built and run as it stands.
suppressPackageStartupMessages({library(mrgsolve); library(jsonlite)})
asked <- fromJSON(file("stdin"), simplifyVector = FALSE)
place <- tempfile("exports")
dir.create(place)
models <- list()
for (name in names(asked$models)) {
  writeLines(asked$models[[name]], file.path(place, paste0(name, ".cpp")))
  models[[name]] <- mread(name, project = place, quiet = TRUE)
}
data_of <- function(text) read.csv(text = text, na.strings = ".")
tight <- function(model) update(model, rtol = asked$rtol, atol = asked$atol, maxsteps = 1e6)
typical <- lapply(asked$runs, function(one) {
  model <- zero_re(tight(models[[one$model]]))
  out <- as.data.frame(mrgsim(model, data = data_of(one$records), output = "df", carry_out = "EVID,CMT"))
  symbols <- unlist(one$symbols)
  places <- unlist(one$places)
  looked <- out[out$EVID == 0, ]
  lapply(seq_along(symbols), function(i) looked[looked$CMT == places[i], symbols[i]])
})
set.seed(asked$seed)
people <- lapply(asked$spread, function(one) {
  rows <- data_of(one$records)
  many <- do.call(rbind, lapply(seq_len(asked$people), function(id) { rows$ID <- id; rows }))
  model <- models[[one$model]]
  out <- as.data.frame(mrgsim(update(model, rtol = 1e-8, atol = 1e-8, maxsteps = 1e6), data = many, output = "df", carry_out = "EVID,CMT"))
  symbols <- unlist(one$symbols)
  places <- unlist(one$places)
  measured <- lapply(seq_along(symbols), function(i) {
    looked <- out[out$EVID == 0 & out$CMT == places[i], ]
    level <- split(looked[[symbols[i]]], looked$TIME)
    seen <- split(looked[[sub("^C_", "Y_", symbols[i])]], looked$TIME)
    list(mean = unname(sapply(level, function(x) mean(log(x)))), sd = unname(sapply(level, function(x) sd(log(x)))),
         scatter = unname(sapply(seq_along(level), function(k) {
           ratio <- seen[[k]] / level[[k]]
           sd(log(ratio[ratio > 0]))
         })))
  })
  list(omega = lapply(as.list(omat(model)), function(m) as.matrix(m)), measured = measured)
})
cat(toJSON(list(version = as.character(packageVersion("mrgsolve")), typical = typical, people = people), digits = NA, auto_unbox = TRUE))
