"""Statements of services that were not performed at this encounter: no code may come out of them."""

from __future__ import annotations

NOT_PERFORMED = """
# planned or scheduled
Plan: screening colonoscopy to be booked for the spring.
Will obtain chest x-ray tomorrow.
Patient is scheduled for laparoscopic cholecystectomy on Friday.
We plan to proceed with total knee arthroplasty in the spring.
Plan: MRI of the lumbar spine without contrast.
Plan: EGD with biopsy.
He will undergo cystoscopy next week.
She is going to have a hysterectomy in June.
Awaiting cardiac catheterization.
Plan: trigger finger release under local anesthesia.
Colonoscopy is due in 2027.
She is overdue for a mammogram.
EKG before surgery.
Return for knee injection if the pain persists.
Repeat chest x-ray in 6 weeks.
Follow-up: suture removal in ten days, then carpal tunnel release.
Preoperative clearance for cataract extraction.
Consent signed for hernia repair.
Proceed with bronchoscopy.
Tomorrow: laparoscopic appendectomy.
PLANNED PROCEDURE: Right total hip arthroplasty.
PROPOSED OPERATION: Laparoscopic cholecystectomy.
Follow up for echocardiogram.
Patient needs a pacemaker.
She may need carpal tunnel release.
Anticipate discharge after hemodialysis.
Upcoming tonsillectomy discussed with the parents.
# ordered
EKG ordered.
Ordered CBC and CMP.
Orders: chest x-ray, PA and lateral.
I ordered an MRI of the right knee.
Order for hemoglobin A1c provided today.
Lipid panel ordered for next visit.
Referral for physical therapy evaluation.
Refer to gastroenterology for colonoscopy.
Referred to dermatology for Mohs surgery.
Requested echocardiogram.
CT abdomen pending.
Stress test pending insurance authorization.
# declined or refused
Patient declined EKG today.
She refused the influenza vaccine.
Declines colonoscopy.
Patient refuses knee injection.
Mother declined MMR vaccine.
Offered shave biopsy but the patient declined.
He does not want a prostate biopsy.
Declined HIV test.
Influenza vaccine refused today.
# cancelled or not done
EKG was not performed.
Colonoscopy was cancelled because of poor preparation.
The lumbar puncture could not be performed.
Spirometry not done today.
Unable to perform endometrial biopsy because of cervical stenosis.
No chest x-ray was obtained.
MRI was not obtained.
Influenza vaccine not given, out of stock.
CT head is not indicated.
No need for x-ray of the ankle.
Never had a colonoscopy.
Intubation was not required.
# historical
Past surgical history: CABG in 2009, tonsillectomy at age six.
Status post left total knee replacement.
History of hysterectomy.
He had a colonoscopy last year.
Appendectomy in 1998.
S/p laparoscopic cholecystectomy.
Prior lumbar laminectomy.
Previous cesarean section.
Cardiac catheterization three years ago was normal.
Kidney transplant 2017, stable function.
Old records: MRI of the brain last month.
Echocardiogram in 2019 showed normal function.
Had a tonsillectomy as a child.
She underwent mastectomy ten years ago.
EKG last week was normal.
Chest x-ray from yesterday reviewed.
Last mammogram was in March.
PSH: right inguinal hernia repair, vasectomy.
PAST SURGICAL HISTORY: Tonsillectomy, C-section x2, carpal tunnel release.
Recent colonoscopy showed diverticulosis.
HPI: He underwent coronary artery bypass grafting and did well.
HPI: She had an EGD with biopsy at another hospital.
HISTORY OF PRESENT ILLNESS: The patient had a chest CT and a bronchoscopy.
Aftercare visit, left total knee replacement in May.
Four weeks after carpal tunnel release, doing well.
Received Tdap in 2021.
Immunizations: up to date.
Comparison: chest x-ray of last year.
# status and devices
Coronary disease, stent placed 2018, takes clopidogrel.
Has a dual chamber pacemaker.
Port in place in the right chest.
PICC line in place, site clean.
Patient with an ICD.
Left arm AV fistula with good thrill.
# advised, discussed, conditional
Discussed colonoscopy risks.
Risks and benefits of epidural steroid injection discussed.
We talked about options including hysterectomy.
Recommend MRI lumbar spine.
I would advise a sleep study.
Consider EGD if symptoms persist.
If no better, knee arthroscopy.
Candidate for total knee replacement.
She would benefit from physical therapy and gait training.
Counseled about the shingles vaccine.
He is interested in vasectomy.
Information about colonoscopy was handed out.
Instructions: return for chest x-ray if the cough gets worse.
Patient education: what to expect from a lumbar puncture.
Possible skin biopsy at the next visit.
# others
Mother had a mastectomy.
Family history: father with coronary artery bypass.
Brother had a kidney transplant.
Outside CT of the head was read as normal.
# words that only look like services
Vitamin D deficiency, start cholecalciferol.
Smokes 1 ppd of cigarettes.
Prostate cancer on surveillance with PSA every 6 months.
Type 1 diabetes, wears an insulin pump; last A1c was 6.8.
Severe preeclampsia, magnesium started.
Mitral valve insufficiency on echo.
AKI, holding ACE inhibitor, IV fluids.
No known allergies to latex or iodine contrast.
Sodium 138, potassium 4.1, creatinine 0.9.
Abdomen: laparoscopic scars well healed.
# cues bound to the name, whatever else was done
Requisition given for a chest x-ray.
Colonoscopy report received and filed.
The pacemaker is in place.
Not yet done: knee MRI.
EGD was not carried out.
"""
