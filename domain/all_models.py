"""Imports every noun, so that the metadata and the table of registers are whole."""

import domain.events
import domain.exports.models
import domain.job_runs
import domain.keys.count_models
import domain.keys.custody
import domain.keys.erasure
import domain.keys.figures
import domain.keys.holdings
import domain.keys.loan_models
import domain.keys.models
import domain.keys.register
import domain.limits
import domain.meetings.feed_models
import domain.meetings.figures
import domain.meetings.gatherings
import domain.meetings.models
import domain.meetings.register
import domain.meetings.room_parts
import domain.meetings.room_rules
import domain.meetings.runs
import domain.meetings.service_models
import domain.meetings.wish_models
import domain.notices
import domain.occupants.figures
import domain.occupants.links
import domain.occupants.models
import domain.once
import domain.people.models
import domain.reports.models
import domain.review.happenings
import domain.review.models
import domain.search
import domain.sites.models
import domain.slips.erasure
import domain.slips.figures
import domain.slips.models
import domain.slips.register
import domain.ticks
import domain.visits.erasure
import domain.visits.figures
import domain.visits.invitation_erasure
import domain.visits.invitation_models
import domain.visits.invitation_register
import domain.visits.meeting_guests
import domain.visits.models
import domain.visits.register

# isort: split
# Last, so that it stands below the others wherever the table is shown.
import domain.history_register  # noqa: F401
