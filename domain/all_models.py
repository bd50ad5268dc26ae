"""Imports every noun, so that the metadata and the table of registers are whole."""

import domain.events
import domain.keys.count_models
import domain.keys.holdings
import domain.keys.loan_models
import domain.keys.models
import domain.keys.register
import domain.limits
import domain.meetings.models
import domain.meetings.register
import domain.notices
import domain.occupants.models
import domain.once
import domain.people.models
import domain.search
import domain.sites.models
import domain.slips.models
import domain.slips.register
import domain.visits.models
import domain.visits.register  # noqa: F401
