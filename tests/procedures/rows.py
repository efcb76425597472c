"""One line a row: statement | all codes suggested, with ``x2`` for units and ``-RT`` for modifiers."""

from __future__ import annotations

PERFORMED = """
# skin
Incision and drainage of abscess, left thigh, simple. | 10060
I&D of multiple abscesses, complicated. | 10061
Incision and drainage of pilonidal abscess. | 10080
Drainage of hematoma of the scalp. | 10140
Needle aspiration of cyst. | 10160
Removal of foreign body from skin of the arm, simple. | 10120
Corneal foreign body removed with slit lamp, right eye. | 65222-RT
Foreign body removed from left ear canal. | 69200-LT
Excisional debridement of sacral ulcer down to muscle. | 11043
Sharp debridement of subcutaneous tissue, foot ulcer. | 11042
Paring of three calluses. | 11056
Debridement of six mycotic nails. | 11721
Debridement of four mycotic toenails. | 11720
Partial nail avulsion, right great toe. | 11730-T5
Ingrown toenail, left hallux: phenol matrixectomy performed. | 11750-TA
Shave biopsy of lesion on the left cheek. | 11102
Shave biopsy of three skin lesions. | 11102 11103x2
Punch biopsy of two lesions on the trunk. | 11104 11105
Removal of eight skin tags by snip. | 11200
Shave removal of a 0.8 cm lesion of the back. | 11301
Excision of benign nevus of the back, 1.5 cm. | 11402
Excision of basal cell carcinoma of the nose, 0.9 cm. | 11641
Excision of malignant melanoma of the left calf, 2.5 cm excised diameter. | 11603
Excision of sebaceous cyst, scalp, 2.4 cm. | 11423
Simple repair of 2 cm laceration of the left forearm. | 12001
Simple repair of 4 cm laceration of the chin. | 12013
Laceration of the forehead, 3 cm, repaired in layers. | 12052
Intermediate repair of hand laceration, 2 cm. | 12041
Simple repair of 2 cm laceration of the arm and simple repair of 3 cm laceration of the leg. | 12002
Complex repair of the lip, 2 cm. | 13151
Split-thickness skin graft to the left leg. | 15100
Cryotherapy of 2 actinic keratoses of the face. | 17000 17003
Destruction of 20 actinic keratoses with liquid nitrogen. | 17004
Cryotherapy of five warts on the right hand. | 17110
Treated 18 warts with liquid nitrogen. | 17111
Mohs surgery of the nose, two stages. | 17311
Intralesional triamcinolone injection of keloid. | 11900
Nexplanon inserted in the left arm. | 11981
Nexplanon removal and reinsertion. | 11983
# breast
Ultrasound-guided core biopsy of the right breast. | 19083-RT
Stereotactic breast biopsy, left. | 19081-LT
Excision of left breast mass. | 19120-LT
Right partial mastectomy with axillary dissection. | 19302-RT
Left simple mastectomy. | 19303-LT
Modified radical mastectomy, right. | 19307-RT
Bilateral reduction mammoplasty. | 19318-50
# injections
Right knee joint injection with Kenalog. | 20610-RT
Ultrasound-guided injection of the left shoulder joint. | 20611-LT
Aspiration of the right olecranon bursa. | 20605-RT
Injection of the left first CMC joint. | 20600-LT
Bilateral knee injections. | 20610-50
Trigger point injections of two muscles. | 20552
Trigger point injections, 4 muscles. | 20553
Plantar fascia injection, left. | 20550-LT
Injection of the right lateral epicondyle. | 20551-RT
Carpal tunnel injection, right wrist. | 20526-RT
Sacroiliac joint injection under fluoroscopy, left. | 27096-LT
# bones and joints
Total hip arthroplasty, left. | 27130-LT
Right hip hemiarthroplasty. | 27125-RT
Left unicompartmental knee arthroplasty. | 27446-LT
Revision of left total knee arthroplasty. | 27487-LT
Reverse total shoulder arthroplasty, right. | 23472-RT
Right knee arthroscopy with partial medial meniscectomy. | 29881-RT
Left knee arthroscopy with medial and lateral meniscectomies. | 29880-LT
Right knee arthroscopy with partial medial meniscectomy and chondroplasty of the patella. | 29881-RT
Arthroscopic ACL reconstruction, right knee. | 29888-RT
Diagnostic arthroscopy of the left knee. | 29870-LT
Left shoulder arthroscopy with rotator cuff repair and subacromial decompression. | 29827-LT 29826-LT
Right shoulder arthroscopy with distal clavicle excision. | 29824-RT
Open rotator cuff repair, left shoulder. | 23412-LT
Open reduction internal fixation of left bimalleolar ankle fracture. | 27814-LT
ORIF right distal radius fracture. | 25607-RT
Closed reduction of right distal radius fracture. | 25605-RT
Closed reduction and percutaneous pinning of left supracondylar humerus fracture. | 24538-LT
Intramedullary nailing of the left tibial shaft fracture. | 27759-LT
Cephalomedullary nail of right intertrochanteric fracture. | 27245-RT
Closed reduction of right shoulder dislocation. | 23650-RT
Reduction of nursemaid elbow, left. | 24640-LT
Short arm splint applied, right wrist. | 29125-RT
Short leg walking cast applied, left. | 29425-LT
Right carpal tunnel release. | 64721-RT
Endoscopic carpal tunnel release, left. | 29848-LT
Trigger finger release, right ring finger. | 26055-F8
Trigger thumb release, left. | 26055-FA
De Quervain's release, right wrist. | 25000-RT
Excision of dorsal wrist ganglion, left. | 25111-LT
Austin bunionectomy, right foot. | 28296-RT
Hammertoe correction, left second toe. | 28285-T1
Amputation of right great toe. | 28820-T5
Below-knee amputation, left. | 27880-LT
Above the knee amputation, right leg. | 27590-RT
Achilles tendon repair, right. | 27650-RT
Hardware removal, left ankle, deep. | 20680-LT
Manipulation under anesthesia, right knee. | 27570-RT
# spine and nerves
L4-5 interlaminar lumbar epidural steroid injection under fluoroscopy. | 62323
Cervical epidural steroid injection C7-T1 with fluoroscopic guidance. | 62321
Left L5-S1 transforaminal epidural steroid injection. | 64483-LT
Right transforaminal epidural steroid injections at L4-5 and L5-S1. | 64483-RT 64484-RT
Caudal epidural steroid injection with fluoroscopy. | 62323
Bilateral lumbar facet injections. | 64493-50
Radiofrequency ablation of lumbar medial branches, right. | 64635-RT
Greater occipital nerve block, left. | 64405-LT
Stellate ganglion block, right. | 64510-RT
Botox injections for chronic migraine. | 64615
Lumbar puncture. | 62270
L5-S1 microdiscectomy, left. | 63030-LT
Lumbar laminectomy L4 with foraminotomy. | 63047
Anterior cervical discectomy and fusion C5-6. | 22551
Anterior cervical discectomy and fusion C5-6 and C6-7. | 22551 22552
Burr hole evacuation of left subdural hematoma. | 61154-LT
Ventriculoperitoneal shunt placement. | 62223
Ulnar nerve transposition, right elbow. | 64718-RT
# ear nose throat
Bilateral myringotomy with tubes under general anesthesia. | 69436-50
Tonsillectomy and adenoidectomy in a 6-year-old. | 42820
Tonsillectomy, 24-year-old. | 42826
Adenoidectomy, 4-year-old boy. | 42830
Septoplasty with bilateral inferior turbinate reduction. | 30520 30140-50
Bilateral endoscopic total ethmoidectomy and bilateral maxillary antrostomy. | 31255-50 31256-50
Diagnostic nasal endoscopy. | 31231
Flexible fiberoptic laryngoscopy. | 31575
Microlaryngoscopy with excision of vocal cord polyp. | 31541
Impacted cerumen of the right ear removed with curette. | 69210-RT
Anterior nasal packing for epistaxis, left. | 30901-LT
Total thyroidectomy. | 60240
Right thyroid lobectomy. | 60220-RT
Superficial parotidectomy with facial nerve dissection, left. | 42415-LT
Frenotomy for tongue tie. | 41010
Tracheostomy. | 31600
Emergency endotracheal intubation performed. | 31500
# eye
Phacoemulsification of cataract with intraocular lens implantation, right eye. | 66984-RT
Complex cataract extraction with iris hooks, left eye. | 66982-LT
YAG laser capsulotomy, left eye. | 66821-LT
Intravitreal injection of Avastin, right eye. | 67028-RT
Pars plana vitrectomy with membrane peel, left eye. | 67041-LT
Trabeculectomy, right eye. | 66170-RT
Pterygium excision with conjunctival autograft, right eye. | 65426-RT
Chalazion excision, left upper lid. | 67800-LT
Ptosis repair, bilateral upper lids. | 67904-50
# chest
Flexible bronchoscopy with bronchoalveolar lavage. | 31624
Bronchoscopy with transbronchial biopsy. | 31628
Diagnostic bronchoscopy. | 31622
Right thoracentesis under ultrasound guidance. | 32555-RT
Left chest tube placement. | 32551-LT
VATS wedge resection, right lung. | 32666-RT
Thoracotomy with left upper lobectomy. | 32480-LT
# heart and vessels
Left heart catheterization with coronary angiography and left ventriculogram. | 93458
Right heart catheterization. | 93451
Right and left heart catheterization with coronary angiography. | 93460
Drug-eluting stent placed in the LAD. | 92928-LD
Coronary artery bypass grafting with LIMA to LAD. | 33533
Dual-chamber permanent pacemaker implantation. | 33208
Pacemaker generator change, dual chamber. | 33228
Implantable cardioverter defibrillator insertion. | 33249
DC cardioversion for atrial fibrillation. | 92960
Transesophageal echocardiogram. | 93312
Triple lumen central venous catheter placed, right internal jugular. | 36556
Port-A-Cath placement, left subclavian. | 36561
Port-A-Cath removal. | 36590
PICC line placed under ultrasound guidance. | 36573
Arterial line insertion, left radial. | 36620
Left brachiocephalic AV fistula creation. | 36821-LT
Right carotid endarterectomy. | 35301-RT
Endovascular repair of abdominal aortic aneurysm. | 34705
IVC filter placement. | 37191
Temporal artery biopsy, left. | 37609-LT
Aortic valve replacement. | 33405
# digestive
EGD with biopsy. | 43239
EGD. | 43235
EGD with balloon dilation of esophageal stricture. | 43249
EGD with PEG placement. | 43246
EGD with removal of food impaction. | 43247
Esophageal variceal banding by EGD. | 43244
EGD with biopsy and Savary dilation. | 43239 43248
Colonoscopy. | 45378
Colonoscopy with biopsies. | 45380
Colonoscopy with hot biopsy forceps polypectomy. | 45384
Colonoscopy with snare polypectomy of the cecum and cold forceps biopsy of the rectum. | 45385 45380
Colonoscopy with snare polypectomy and submucosal injection. | 45385 45381
Flexible sigmoidoscopy with biopsy. | 45331
Anoscopy. | 46600
ERCP with sphincterotomy and stone extraction. | 43262 43264
Laparoscopic appendectomy. | 44970
Appendectomy for perforated appendicitis, open. | 44960
Laparoscopic cholecystectomy with intraoperative cholangiogram. | 47563
Open cholecystectomy. | 47600
Open right inguinal hernia repair with mesh, 45-year-old man. | 49505-RT
Laparoscopic bilateral inguinal hernia repair. | 49650-50
Repair of recurrent left inguinal hernia. | 49520-LT
Repair of incarcerated right inguinal hernia. | 49507-RT
Umbilical hernia repair, 2 cm defect. | 49591
Incisional hernia repair, defect of 5 cm. | 49593
Laparoscopic Nissen fundoplication. | 43280
Laparoscopic sleeve gastrectomy. | 43775
Laparoscopic Roux-en-Y gastric bypass. | 43644
Exploratory laparotomy with small bowel resection. | 44120
Exploratory laparotomy. | 49000
Laparoscopic right hemicolectomy. | 44205
Right hemicolectomy. | 44160
Low anterior resection. | 44145
Hartmann's procedure. | 44143
Ileostomy closure. | 44620
Excisional hemorrhoidectomy of internal and external hemorrhoids, three columns. | 46260
Hemorrhoid banding. | 46221
Lateral internal sphincterotomy. | 46080
Incision and drainage of perirectal abscess. | 46040
Ultrasound-guided paracentesis. | 49083
Paracentesis. | 49082
Percutaneous liver biopsy. | 47000
Diagnostic laparoscopy. | 49320
# urinary and male
Cystoscopy. | 52000
Cystoscopy with right ureteral stent placement. | 52332-RT
Cystoscopy with left retrograde pyelogram. | 52005-LT
Cystoscopy, right ureteroscopy with laser lithotripsy and stent placement. | 52356-RT
Left ureteroscopy with stone basket extraction. | 52352-LT
Transurethral resection of bladder tumor, 3 cm. | 52235
Cystoscopy with bladder biopsy. | 52204
Cystoscopy with direct vision internal urethrotomy. | 52276
TURP. | 52601
Transrectal ultrasound-guided prostate biopsy. | 55700 76872
Robotic-assisted laparoscopic radical prostatectomy. | 55866
Extracorporeal shock wave lithotripsy, left. | 50590-LT
Laparoscopic radical nephrectomy, right. | 50545-RT
Percutaneous nephrostomy tube placement, left. | 50432-LT
Foley catheter placement. | 51702
Bladder scan for post-void residual. | 51798
Bilateral vasectomy. | 55250
Circumcision with Gomco clamp, newborn. | 54150
Left hydrocelectomy. | 55040-LT
Right orchiopexy, inguinal. | 54640-RT
Left radical orchiectomy. | 54530-LT
# female and birth
Total abdominal hysterectomy with bilateral salpingo-oophorectomy. | 58150
Laparoscopic assisted vaginal hysterectomy. | 58550
Total laparoscopic hysterectomy with bilateral salpingectomy. | 58571
Vaginal hysterectomy. | 58260
Hysteroscopy with dilation and curettage. | 58558
Dilation and curettage. | 58120
Suction D&C for missed abortion. | 59820
Endometrial biopsy. | 58100
Mirena IUD insertion. | 58300
IUD removal. | 58301
NovaSure endometrial ablation with hysteroscopy. | 58563
Laparoscopic bilateral tubal ligation with Filshie clips. | 58671
Laparoscopic tubal fulguration. | 58670
Laparoscopic right salpingo-oophorectomy. | 58661-RT
Laparoscopic salpingectomy for ectopic pregnancy, left. | 59151-LT
Colposcopy with cervical biopsy and endocervical curettage. | 57454
LEEP of the cervix. | 57522
Anterior and posterior colporrhaphy. | 57260
Midurethral sling. | 57288
Incision and drainage of Bartholin abscess. | 56420
Primary low transverse cesarean section. | 59514
Spontaneous vaginal delivery. | 59409
Nonstress test. | 59025
# imaging
Chest x-ray, one view. | 71045
Portable chest x-ray. | 71045
X-ray of the right knee, 3 views. | 73562-RT
Left ankle x-ray, three views. | 73610-LT
X-rays of the left hand, 3 views, and right foot, 3 views. | 73130-LT 73630-RT
Lumbar spine x-ray, 2 views. | 72100
KUB. | 74018
Acute abdominal series. | 74022
CT head without contrast. | 70450
CT of the abdomen and pelvis with contrast. | 74177
CT abdomen and pelvis without contrast. | 74176
CT chest with IV contrast. | 71260
CT angiography of the chest. | 71275
CT cervical spine without contrast. | 72125
CT sinuses without contrast. | 70486
MRI of the left knee without contrast. | 73721-LT
MRI cervical spine with and without contrast. | 72156
MRI right shoulder without contrast. | 73221-RT
MRCP without contrast. | 74181
Right upper quadrant ultrasound. | 76705
Complete abdominal ultrasound. | 76700
Renal ultrasound. | 76770
Thyroid ultrasound. | 76536
Transvaginal ultrasound. | 76830
Scrotal ultrasound. | 76870
Bilateral carotid duplex. | 93880
Venous duplex of both lower extremities. | 93970
Screening mammogram, bilateral. | 77067
Diagnostic mammogram, left. | 77065-LT
DEXA scan of hips and lumbar spine. | 77080
HIDA scan. | 78226
Whole body bone scan. | 78306
Barium enema. | 74270
# laboratory
Venipuncture performed. | 36415
Rapid strep test performed. | 87880
Urine pregnancy test done in office. | 81025
Basic metabolic panel drawn. | 80048
CBC with differential and comprehensive metabolic panel drawn today. | 85025 80053
Fingerstick glucose checked in the office. | 82962
Sodium level, potassium level, chloride level and bicarbonate level drawn today. | 80051
Rapid influenza swab performed in the office. | 87804
PPD placed in the left forearm. | 86580
Lipid panel obtained today. | 80061
# medicine
EKG performed and interpreted in the office. | 93000
12-lead EKG. | 93000
Transthoracic echocardiogram. | 93306
Exercise stress test. | 93015
24-hour Holter monitor. | 93224
Spirometry before and after bronchodilator. | 94060
Albuterol nebulizer treatment given in the office. | 94640
Polysomnography. | 95810
Split-night polysomnography with CPAP titration. | 95811
EEG, awake and asleep. | 95819
Audiogram. | 92557
Epley maneuver performed. | 95992
Ceftriaxone 1 g IM injection given. | 96372
Depo-Provera injection given. | 96372
Infliximab infusion over 120 minutes. | 96365 96366
Iron infusion over 30 minutes. | 96365
Hemodialysis session. | 90935
Individual psychotherapy, 45 minutes. | 90834
Individual psychotherapy session, 60 minutes. | 90837
Group psychotherapy session. | 90853
Electroconvulsive therapy. | 90870
Smoking cessation counseling provided for 5 minutes. | 99406
Allergy skin prick testing, 40 tests. | 95004x40
Fundus photography, both eyes. | 92250
Blood transfusion given. | 36430
# physical therapy
Therapeutic exercise 30 minutes. | 97110x2
Therapeutic exercise for 24 minutes. Manual therapy for 23 minutes. | 97110x2 97140
Gait training 15 minutes. | 97116
Therapeutic exercise 7 minutes. |
Physical therapy evaluation. | 97162
# vaccines
Influenza vaccine given today. | 90686 90471
Tdap and influenza vaccine administered today. | 90715 90686 90471 90472
Flumist given. | 90672 90473
Shingrix administered. | 90750 90471
# a push beside an infusion is the further service
Iron infusion 45 minutes given; ondansetron given by IV push. | 96365 96375
# the part of a sentence between semicolons speaks for its own service
Right knee injected with triamcinolone; MRI of the knee ordered. | 20610-RT
# guidance and what was taken are axes
Ultrasound-guided paracentesis performed, 4 liters. | 49083
Colposcopy with cervical biopsies and endocervical curettage performed. | 57454
# an operation converted to open
PROCEDURE PERFORMED: Laparoscopic cholecystectomy, converted to open cholecystectomy. | 47600
# the result is no denial
Rapid strep test performed here: negative. | 87880
"""
